# Runs the lane of ci/fastlane/bycatch.rb with stand-ins for fastlane's words, as fastlane's own helpers define them:
# `sh` takes arguments that no shell sees, prints what comes out, and hands the status to its block.
require "json"
require "open3"

class UserError < StandardError; end

module UI
  def self.user_error!(message)
    raise UserError, message
  end

  def self.success(message)
    puts "success: #{message}"
  end
end

class Fastfile
  attr_reader :lane_context

  def initialize(context)
    @lane_context = context
  end

  def private_lane(name, &block)
    define_singleton_method(name) { |options = {}| instance_exec(options, &block) }
  end

  def sh(*command)
    output, status = Open3.capture2e(*command)
    puts output
    yield status, output, command.join(" ")
  end

  def import(path)
    instance_eval(File.read(path), path)
  end
end

path, options, context = ARGV
fastfile = Fastfile.new(JSON.parse(context, symbolize_names: true))
fastfile.import(path)
begin
  fastfile.bycatch_check(JSON.parse(options, symbolize_names: true))
  puts "lane goes on"
rescue UserError => e
  puts "user error: #{e.message}"
  exit 7
end
